import { type Codec, DataError, utf8 } from '@corral/client';

/** `DYNAMIC` goes with its session, `STATIC` and `PERMANENT` stay until they are unregistered. */
export type ServiceType = 'DYNAMIC' | 'STATIC' | 'PERMANENT' | 'DYNAMIC_SEQUENTIAL';

/** Curator's UriSpec: text, and variables that stand for what the instance says. */
export interface UriPart {
  readonly value: string;
  readonly variable: boolean;
}

/** Curator's ServiceInstance. */
export interface ServiceInstance<P = unknown> {
  readonly name: string;
  readonly id: string;
  readonly address: string | null;
  readonly port: number | null;
  readonly sslPort: number | null;
  readonly payload: P | null;
  /** Milliseconds since 1970. */
  readonly registrationTimeUTC: number;
  readonly serviceType: ServiceType;
  readonly uriSpec: { readonly parts: readonly UriPart[] } | null;
  /** False: known, and not to be used. */
  readonly enabled: boolean;
}

/** How the payload stands in the JSON of an instance. */
export interface PayloadCodec<P> {
  toJson(payload: P): unknown;
  /** What it throws is told as `onError` of the discovery: the instance is left out. */
  fromJson(value: unknown, path: string): P | Promise<P>;
}

/** The payload as JSON has it, unchecked. */
export const anyPayload: PayloadCodec<unknown> = { toJson: (payload) => payload, fromJson: (value) => value };

/**
 * Curator's JsonInstanceSerializer: the same fields in the same order. Java writes the class of a payload beside it
 * (`@class`): a payload that Java is to read has to say its class so.
 */
export function instanceCodec<P>(payloads: PayloadCodec<P>): Codec<ServiceInstance<P>> {
  return {
    encode: (instance) => utf8.encode(instanceJson(instance, payloads)),
    decode: async (data, path) => {
      const json = parse(await utf8.decode(data, path), path);
      const payload = json['payload'] ?? null;
      return {
        name: textOf(json, 'name', path),
        id: textOf(json, 'id', path),
        address: (json['address'] as string | null | undefined) ?? null,
        port: portOf(json, 'port', path),
        sslPort: portOf(json, 'sslPort', path),
        payload: payload === null ? null : await payloads.fromJson(payload, path),
        registrationTimeUTC: Number(json['registrationTimeUTC'] ?? 0),
        serviceType: (json['serviceType'] as ServiceType | undefined) ?? 'DYNAMIC',
        uriSpec: uriSpecOf(json, path),
        // Absent from instances of older versions, which were all in use.
        enabled: json['enabled'] !== false,
      };
    },
  };
}

/** The fields in Curator's order. */
export function instanceJson<P>(instance: ServiceInstance<P>, payloads: PayloadCodec<P>): string {
  const { name, id, address, port, sslPort, payload, registrationTimeUTC, serviceType, enabled } = instance;
  return JSON.stringify({
    name,
    id,
    address,
    port,
    sslPort,
    payload: payload === null ? null : payloads.toJson(payload),
    registrationTimeUTC,
    serviceType,
    uriSpec: instance.uriSpec,
    enabled,
  });
}

/** Curator's UriSpec written out: `{scheme}://{address}:{port}`, with `variables` for what the instance does not say. */
export function uriOf(
  instance: ServiceInstance,
  variables: Readonly<Record<string, string | number>> = {},
): string {
  if (instance.uriSpec === null) return '';
  const known: Record<string, string | number | null | undefined> = {
    scheme: instance.sslPort === null ? 'http' : 'https',
    name: instance.name,
    id: instance.id,
    address: instance.address,
    port: instance.port,
    'ssl-port': instance.sslPort,
    'registration-time-utc': instance.registrationTimeUTC,
    'service-type': instance.serviceType.toLowerCase(),
    ...variables,
  };
  return instance.uriSpec.parts
    .map(({ value, variable }) => (variable ? String(known[value] ?? '') : value))
    .join('');
}

/** `{scheme}://{address}:{port}/path` as a UriSpec. */
export function uriSpec(text: string): { readonly parts: readonly UriPart[] } {
  const pieces = text.split(/\{([^{}]*)\}/);
  const parts = pieces.map((value, i) => ({
    value: i % 2 === 1 ? value.trim() : value,
    variable: i % 2 === 1,
  }));
  return { parts: parts.filter(({ value }) => value !== '') };
}

function parse(text: string, path: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new DataError(path, ['it is no JSON'], { cause });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new DataError(path, ['it is no service instance']);
  return json as Record<string, unknown>;
}

function textOf(json: Record<string, unknown>, key: string, path: string): string {
  const value = json[key];
  if (typeof value !== 'string') throw new DataError(path, [`${key}: it is no text`]);
  return value;
}

function portOf(json: Record<string, unknown>, key: string, path: string): number | null {
  const value = json[key] ?? null;
  if (value !== null && !Number.isInteger(value)) throw new DataError(path, [`${key}: it is no number`]);
  return value as number | null;
}

function uriSpecOf(
  json: Record<string, unknown>,
  path: string,
): { readonly parts: readonly UriPart[] } | null {
  const value = json['uriSpec'] as { parts?: unknown } | null | undefined;
  if (value === null || value === undefined) return null;
  if (!Array.isArray(value.parts)) throw new DataError(path, ['uriSpec: it has no parts']);
  return { parts: value.parts as UriPart[] };
}
