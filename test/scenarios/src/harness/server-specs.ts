// @boundaries-ignore the worlds of the server's own specs serve here too; they are not packed
export { World } from '../../../../packages/server/test/world.ts';
// @boundaries-ignore the worlds of the server's own specs serve here too; they are not packed
export { EnsembleWorld } from '../../../../packages/server/test/ensemble-world.ts';
// @boundaries-ignore the raw client of the server's own specs serves here too; it is not packed
export { ascii, bytesOf, replyOf, TestClient } from '../../../../packages/server/test/test-client.ts';
// @boundaries-ignore the raw client of the server's own specs serves here too; it is not packed
export {
  addWatch,
  create,
  exists,
  getChildren,
  getData,
  remove,
  setData,
} from '../../../../packages/server/test/requests.ts';
// @boundaries-ignore what the server's own specs ask of many nodes serves here too; it is not packed
export {
  absentAnywhere,
  absentNodes,
  acknowledgedOf,
  createNodes,
  sendCreates,
} from '../../../../packages/server/test/ensemble-nodes.ts';
