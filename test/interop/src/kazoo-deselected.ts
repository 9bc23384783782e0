import type { ServerProgram } from '@corral-test/oracle';

/** Tests of kazoo's that are left out, and why. Names as pytest has them; a class stands for all its tests. */
export interface Deselected {
  readonly name: string;
  readonly reason: string;
}

export function deselected(program: ServerProgram): readonly Deselected[] {
  return program.name === 'corral' ? [...always, ...untilSasl] : always;
}

const always: readonly Deselected[] = [
  {
    name: 'test_eventlet_handler.py::TestEventletClient::test_version_no_connection',
    reason: 'fails with Apache too',
  },
  {
    name: 'test_connection.py::TestReadOnlyMode',
    reason: 'fails with Apache too: the client does not come back within the six seconds it is given',
  },
];

const untilSasl: readonly Deselected[] = [{ name: 'test_sasl.py', reason: 'Corral has no SASL yet' }];
