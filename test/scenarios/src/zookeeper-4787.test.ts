import { JuteWriter } from '@corral/jute';
import { InitialMessageReader, QuorumConfig, writeInitialMessage } from '@corral/protocol';
import { describe, expect, it } from 'vitest';

describe('ZOOKEEPER-4787: what a server said first in an election was in the characters of its own locale', () => {
  it('addresses travel as UTF-8, whatever the locale', () => {
    // given: a server whose name is not ASCII
    const message = { sid: 2, addresses: [{ host: 'zoö-é-日本', port: 3888 }] };
    const w = new JuteWriter();
    writeInitialMessage(w, message, false);

    // when: it comes in pieces that cut its characters
    const reader = new InitialMessageReader();
    const bytes = w.copy();
    let read: ReturnType<InitialMessageReader['push']>;
    for (const byte of bytes) read ??= reader.push(Uint8Array.of(byte));

    // then
    expect(read).toEqual(message);
    expect(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(20))).toBe('zoö-é-日本:3888');
  });

  it('so do they in a configuration', () => {
    const text = 'server.1=zoö:2888:3888:participant;0.0.0.0:2181';
    const config = QuorumConfig.parse(`${text}\nversion=100000000`);

    expect(QuorumConfig.parse(config.toString()).toString()).toContain('server.1=zoö:2888:3888');
  });
});
