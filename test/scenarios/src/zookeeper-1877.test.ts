import { Acl, CreateRequest, ErrorCode, OpCode, Perms, SetACLRequest } from '@corral/protocol';
import { describe, expect, it } from 'vitest';
import { absentAnywhere, createNodes, EnsembleWorld } from './harness/server-specs.ts';

const MALFORMED: readonly (readonly [string, Acl[]])[] = [
  ['an id without a colon', [new Acl(Perms.ALL, 'digest', 'nocolon')]],
  ['an address that is none', [new Acl(Perms.ALL, 'ip', '1.2.3')]],
  ['a mask that is none', [new Acl(Perms.ALL, 'ip', '1.2.3.4/99')]],
  ['a scheme that nobody knows', [new Acl(Perms.ALL, 'nobody', 'x')]],
  ['null for scheme and id', [new Acl(Perms.ALL, null, null)]],
  ['null for the id', [new Acl(Perms.ALL, 'digest', null)]],
];

describe.each([false, true])('ZOOKEEPER-1877: a malformed ACL ends the server (skipACL=%s)', (skipAcl) => {
  it.each(MALFORMED)(
    '%s harms nobody, on a follower or on the leader, now or after a restart',
    async (_, acl) => {
      // Given three servers
      const world = await EnsembleWorld.elected({ size: 3, config: { skipAcl } });
      const paths = await createNodes(world, 1, 3);

      // When each is sent nodes and changes with that ACL
      const errors: number[] = [];
      for (const sid of [1, 3]) {
        const client = await world.client(sid);
        for (const [type, request] of [
          [OpCode.create, new CreateRequest(`/bad${sid}`, null, acl, 0)],
          [OpCode.setACL, new SetACLRequest('/n0', acl, -1)],
        ] as const)
          errors.push((await world.run(client.request(type, request))).err);
      }
      const allowed: number[] = [ErrorCode.INVALIDACL, ErrorCode.MARSHALLINGERROR, ...(skipAcl ? [0] : [])];
      expect(errors.filter((err) => !allowed.includes(err))).toEqual([]);

      // Then all go on, and start again with one tree
      expect(await absentAnywhere(world, paths)).toEqual([]);
      for (const sid of [1, 2, 3]) world.crash(sid);
      for (const sid of [1, 2, 3]) await world.start(sid);
      await world.serving();
      expect(await absentAnywhere(world, paths)).toEqual([]);
      expect(await world.differences()).toEqual([]);
    },
  );
});
