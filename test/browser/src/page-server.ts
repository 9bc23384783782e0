import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves a page with one script, and hears what the page tells. */
export class PageServer implements AsyncDisposable {
  readonly port: number;
  readonly #http: Server;
  readonly #told: string[] = [];
  #listener: (() => void) | undefined = undefined;

  static async open(script: string): Promise<PageServer> {
    const http = createServer();
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    return new PageServer(http, script);
  }

  private constructor(http: Server, script: string) {
    this.#http = http;
    this.port = (http.address() as AddressInfo).port;
    http.on('request', (request, response) => {
      if (request.method === 'POST') {
        let text = '';
        request.setEncoding('utf8').on('data', (part: string) => (text += part));
        request.on('end', () => {
          this.#told.push(text);
          this.#listener?.();
          response.end();
        });
      } else if (request.url === '/page.js') {
        response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
      } else {
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end('<!doctype html><title>page</title><script type="module" src="/page.js"></script>');
      }
    });
  }

  /** All that was told up to this, which is awaited. */
  async until(step: string): Promise<readonly string[]> {
    for (;;) {
      const failure = this.#told.find((each) => each.startsWith('failed'));
      const at = this.#told.indexOf(step);
      if (at >= 0) return this.#told.splice(0, at + 1);
      if (failure !== undefined) throw new Error(failure);
      await new Promise<void>((resolve) => (this.#listener = resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}
