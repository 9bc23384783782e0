import type { ServerView } from '@corral/server';
import { metricFamilies } from '@corral/server';
import { Hono } from 'hono';
import { inPieces } from './pieces.ts';
import { processFamilies } from './process-families.ts';
import { prometheusText } from './prometheus.ts';

/** The port of Apache's PrometheusMetricsProvider: `/metrics`, and nothing else. */
export function metricsApp(view: () => ServerView, hasProcess: boolean): Hono {
  const app = new Hono();
  app.get('/metrics', () => metricsResponse(view(), hasProcess));
  return app;
}

export function metricsResponse(view: ServerView, hasProcess: boolean): Response {
  return new Response(inPieces(text(view, hasProcess)), {
    headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' },
  });
}

/** A server that looks for a leader has the figures of its process alone. */
function* text(view: ServerView, hasProcess: boolean): Iterable<string> {
  if (view.isServing) yield* prometheusText(metricFamilies(view));
  if (hasProcess) yield* prometheusText(processFamilies());
}
