import {
  Acl,
  AuthPacket,
  CreateMode,
  CreateRequest,
  CreateTTLRequest,
  OpCode,
  OPEN_ACL_UNSAFE,
  SetACLRequest,
  type MultiOp,
  writeMultiRequest,
  Xid,
} from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { EnsembleWorld } from '../test/ensemble-world.ts';
import { create, getData, remove, setData } from '../test/requests.ts';
import { ascii, bytesOf, type TestClient } from '../test/test-client.ts';
import { World } from '../test/world.ts';
import { type AuditEvent, auditLine, type AuditSink } from './audit.ts';

class Book implements AuditSink {
  readonly user = 'keeper';
  readonly events: AuditEvent[] = [];

  log(event: AuditEvent): void {
    this.events.push(event);
  }

  /** Without the session, and without the client where the server did it. */
  get lines(): string[] {
    return this.events.map((event) =>
      auditLine(event)
        .replace(/session=0x\w+\t/, '')
        .replaceAll('\t', ' '),
    );
  }
}

async function audited(): Promise<{ world: World; book: Book; client: TestClient }> {
  const book = new Book();
  const world = await World.serving({ extendedTypesEnabled: true }, { audit: book });
  const client = await world.client();
  return { world, book, client };
}

const multi = (...ops: MultiOp[]): Uint8Array => bytesOf((w) => writeMultiRequest(w, ops));

describe('an audited server', () => {
  it('tells of each write by its session, user and address, and with what came of it', async () => {
    const { world, book, client } = await audited();
    for (const [type, body] of [
      [OpCode.create, create('/a', 'x')],
      [OpCode.create, create('/a/b')],
      [OpCode.create2, create('/s-', '', CreateMode.EPHEMERAL_SEQUENTIAL)],
      [OpCode.create, create('/none/here')],
      [OpCode.setData, setData('/a', 'y')],
      [OpCode.setData, setData('/a', 'y', 7)],
      [OpCode.delete, remove('/a')],
      [OpCode.delete, remove('/a/b')],
      [OpCode.createTTL, new CreateTTLRequest('/t', null, [...OPEN_ACL_UNSAFE], 5, 1000)],
      [OpCode.createContainer, create('/c', '', CreateMode.CONTAINER)],
      [
        OpCode.setACL,
        new SetACLRequest('/a', [new Acl(31, 'world', 'anyone'), new Acl(1, 'ip', '1.2.3.4')], -1),
      ],
    ] as const)
      await world.run(client.request(type, body));

    expect(book.events[0]?.session).toBe(`0x${client.session!.sessionId.toString(16)}`);
    expect(book.lines).toEqual([
      'user=10.0.0.2 ip=10.0.0.2 operation=create znode=/a znode_type=persistent result=success',
      'user=10.0.0.2 ip=10.0.0.2 operation=create znode=/a/b znode_type=persistent result=success',
      'user=10.0.0.2 ip=10.0.0.2 operation=create znode=/s-0000000001 znode_type=ephemeral_sequential result=success',
      'user=10.0.0.2 ip=10.0.0.2 operation=create znode=/none/here znode_type=persistent result=failure',
      'user=10.0.0.2 ip=10.0.0.2 operation=setData znode=/a result=success',
      'user=10.0.0.2 ip=10.0.0.2 operation=setData znode=/a result=failure',
      'user=10.0.0.2 ip=10.0.0.2 operation=delete znode=/a result=failure',
      'user=10.0.0.2 ip=10.0.0.2 operation=delete znode=/a/b result=success',
      'user=10.0.0.2 ip=10.0.0.2 operation=create znode=/t znode_type=persistent_with_ttl result=success',
      'user=10.0.0.2 ip=10.0.0.2 operation=create znode=/c znode_type=container result=success',
      'user=10.0.0.2 ip=10.0.0.2 operation=setAcl znode=/a acl=world:anyone:cdrwaip:1.2.3.4:r result=success',
    ]);
  });

  it('has a line for each part of a multi that changed something, and one for a multi that failed', async () => {
    const { world, book, client } = await audited();
    const part = (path: string, flags = 0): MultiOp => ({
      type: OpCode.create,
      record: new CreateRequest(path, null, [...OPEN_ACL_UNSAFE], flags),
    });
    await world.run(
      client.request(
        OpCode.multi,
        multi(
          part('/m'),
          part('/m/n-', CreateMode.PERSISTENT_SEQUENTIAL),
          { type: OpCode.setData, record: setData('/m', 'x') },
          { type: OpCode.delete, record: remove('/m/n-0000000000') },
        ),
      ),
    );
    await world.run(client.request(OpCode.multi, multi(part('/x'), part('/m'))));

    expect(book.lines).toEqual([
      'user=10.0.0.2 ip=10.0.0.2 operation=create znode=/m znode_type=persistent result=success',
      'user=10.0.0.2 ip=10.0.0.2 operation=create znode=/m/n-0000000000 result=success',
      'user=10.0.0.2 ip=10.0.0.2 operation=setData znode=/m result=success',
      'user=10.0.0.2 ip=10.0.0.2 operation=delete znode=/m/n-0000000000 result=success',
      'user=10.0.0.2 ip=10.0.0.2 operation=multiOperation result=failure',
    ]);
  });

  it('names all that a client has shown to be, but no secret', async () => {
    const { world, book, client } = await audited();
    await world.run(client.request(OpCode.auth, new AuthPacket(0, 'digest', ascii('bob:secret')), Xid.auth));
    await world.run(client.request(OpCode.create, create('/a')));

    expect(book.events[0]?.user?.split(',').toSorted()).toEqual(['10.0.0.2', 'bob']);
  });

  it('says that nodes went with their session on its own account', async () => {
    const { world, book, client } = await audited();
    await world.run(client.request(OpCode.create, create('/e', '', CreateMode.EPHEMERAL)));
    await world.run(client.request(OpCode.closeSession));

    expect(book.lines.at(-1)).toBe(
      'user=keeper operation=ephemeralZNodeDeletionOnSessionCloseOrExpire znode=/e result=success',
    );
    expect(book.events.at(-1)?.session).toBe(book.events[0]?.session);
  });

  it('says nothing of reads, of sessions, and of what cannot be read', async () => {
    const { world, book, client } = await audited();
    await world.run(client.request(OpCode.getData, getData('/')));
    await world.run(client.request(OpCode.create, Uint8Array.of(1, 2)));
    await world.run(client.request(OpCode.create, create('/a', '', 99)));
    await world.run(client.request(OpCode.closeSession));

    expect(book.lines).toEqual([]);
  });

  it('lets no client make up lines or fields', async () => {
    const { world, book, client } = await audited();
    await world.run(client.request(OpCode.create, create('/a\nsession=0x1\tresult=success')));

    expect(book.lines).toEqual([
      'user=10.0.0.2 ip=10.0.0.2 operation=create znode=/a\\u000asession=0x1\\u0009result=success znode_type=persistent result=failure',
    ]);
  });
});

describe('in an ensemble', () => {
  it('only the server whose client asked tells of it; all tell of nodes that go with a session', async () => {
    const books = new Map([1, 2, 3].map((sid) => [sid, new Book()]));
    const world = await EnsembleWorld.led(3, { size: 3, options: (sid) => ({ audit: books.get(sid)! }) });
    const client = await world.client(1);
    await world.run(client.request(OpCode.create, create('/e', '', CreateMode.EPHEMERAL)));
    await world.run(client.request(OpCode.create, create('/e')));
    await world.run(client.request(OpCode.closeSession));
    await world.pass(1000);

    const gone = 'user=keeper operation=ephemeralZNodeDeletionOnSessionCloseOrExpire znode=/e result=success';
    expect(books.get(1)!.lines.map((line) => line.replace(/^user=\S+ ip=\S+ /, ''))).toEqual([
      'operation=create znode=/e znode_type=ephemeral result=success',
      'operation=create znode=/e znode_type=persistent result=failure',
      gone,
    ]);
    expect([books.get(2)!.lines, books.get(3)!.lines]).toEqual([[gone], [gone]]);
  });
});
