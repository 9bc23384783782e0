import type { Discovery } from './discovery.ts';
import { type ProviderStrategy, randomly } from './provider-strategy.ts';
import type { ServiceInstance } from './service-instance.ts';

/** As much of the platform's `Request` as is looked at. */
export interface RestRequest {
  readonly method: string;
  readonly url: string;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** What a `Response` is made of: `new Response(body, { status, headers })`. */
export interface RestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export interface DiscoveryRestOptions {
  /** Which instance `anyservice` gives. Default: any. */
  readonly strategy?: ProviderStrategy;
  /** Why a request was answered with 500. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Curator's x-discovery-server: service discovery for programs that speak HTTP only, under any server that has the platform's
 * `Request` and `Response`. `GET v1/service`, `v1/service/{name}`, `v1/service/{name}/{id}`, `v1/anyservice/{name}`; `PUT` and `DELETE
 * v1/service/{name}/{id}` of instances that are STATIC or PERMANENT. Who may do what is for the server to say.
 *
 * @returns what answers requests; undefined for paths that are not among these
 */
export function discoveryRest<P>(
  services: Discovery<P>,
  options: DiscoveryRestOptions = {},
): (request: RestRequest) => Promise<RestResponse | undefined> {
  const { strategy = randomly(), onError } = options;
  return async (request) => {
    const [kind, name, id] = placeOf(request.url);
    if (kind === undefined) return undefined;
    try {
      const { method } = request;
      if (kind === 'anyservice')
        return name === undefined
          ? NOT_FOUND
          : method === 'GET'
            ? one(services, await services.any(name, strategy))
            : NOT_ALLOWED;
      if (method === 'GET') return await read(services, name, id);
      if (name === undefined || id === undefined) return NOT_ALLOWED;
      if (method === 'PUT') return await put(services, name, id, request);
      if (method !== 'DELETE') return NOT_ALLOWED;
      await services.remove(name, id);
      return answer(200);
    } catch (error) {
      if (error instanceof RangeError) return answer(400, { error: error.message });
      onError?.(error);
      return answer(500);
    }
  };
}

async function read<P>(services: Discovery<P>, name?: string, id?: string): Promise<RestResponse> {
  if (name === undefined)
    return answer(
      200,
      (await services.names()).toSorted().map((each) => ({ name: each })),
    );
  if (id !== undefined) return one(services, await services.instance(name, id));
  const instances = await services.instances(name);
  return json(200, `[${instances.map((instance) => services.toJson(instance)).join(',')}]`);
}

function one<P>(services: Discovery<P>, instance: ServiceInstance<P> | undefined): RestResponse {
  return instance === undefined ? NOT_FOUND : json(200, services.toJson(instance));
}

async function put<P>(
  services: Discovery<P>,
  name: string,
  id: string,
  { body, url }: RestRequest,
): Promise<RestResponse> {
  const data = await bytesOf(body);
  if (data === undefined) return answer(413, { error: `more than ${BODY_MAX} bytes` });
  let instance: ServiceInstance<P>;
  try {
    instance = await services.fromJson(data, url);
  } catch (error) {
    return answer(400, { error: String(error) });
  }
  if (instance.name !== name || instance.id !== id)
    return answer(400, { error: 'the path and the instance have other names' });
  if (instance.serviceType !== 'STATIC' && instance.serviceType !== 'PERMANENT')
    return answer(400, { error: `a ${instance.serviceType} instance is of its own session` });
  await services.put({ ...instance, serviceType: instance.serviceType });
  return answer(201);
}

/** Undefined where it is too long. */
async function bytesOf(body: AsyncIterable<Uint8Array> | null): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > BODY_MAX) return undefined;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** The names behind `v1`, wherever that stands in the path; none where they are not names. */
function placeOf(url: string): readonly (string | undefined)[] {
  const match = /\/v1\/(service|anyservice)(?:\/([^/?#]+))?(?:\/([^/?#]+))?\/?(?:[?#].*)?$/.exec(url);
  try {
    return match === null
      ? []
      : match.slice(1).map((name) => (name === undefined ? name : decodeURIComponent(name)));
  } catch {
    return [];
  }
}

function answer(status: number, said?: unknown): RestResponse {
  return said === undefined ? { status, headers: {}, body: null } : json(status, JSON.stringify(said));
}

function json(status: number, body: string): RestResponse {
  return { status, headers: { 'content-type': 'application/json' }, body };
}

const NOT_FOUND: RestResponse = answer(404);
const NOT_ALLOWED: RestResponse = answer(405);
/** As long as a node may be. */
const BODY_MAX = 1024 * 1024;
