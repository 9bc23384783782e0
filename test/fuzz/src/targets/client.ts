import { FrameSplitter, JuteError, JuteReader, JuteWriter } from '@corral/jute';
import * as protocol from '@corral/protocol';
import { joined } from '../damage.ts';
import type { Dice } from '../dice.ts';
import { pieces } from '../input.ts';
import { connectRequest, connectResponse, encoded, framed, multi, request } from '../records.ts';
import { type Target, TWO_FRAMES } from '../target.ts';

/** What a server reads of its clients, record by record: the type in the header says which. */
export const clientRequests: Target = {
  name: 'client-requests',
  valid: (dice) => (dice.once(6) ? connectRequest(dice) : request(dice)),
  read(bytes, dice) {
    const r = new JuteReader(bytes);
    if (dice.once(6)) {
      protocol.ConnectRequest.read(r);
      return;
    }
    const { type } = protocol.RequestHeader.read(r);
    if (type === protocol.OpCode.multi || type === protocol.OpCode.multiRead)
      protocol.readMultiRequest(r, OPS_MAX);
    else (REQUESTS.get(type) ?? dice.pick(ALL_REQUESTS)).read(r);
  },
  refusals: [JuteError, protocol.ProtocolError],
  memoryMax: TWO_FRAMES,
  weight: 300,
};

/** What a client reads of servers. */
export const clientReplies: Target = {
  name: 'client-replies',
  valid(dice) {
    const w = new JuteWriter();
    new protocol.ReplyHeader(dice.int(), dice.below(1000), dice.pick([0, -4, -101])).write(w);
    return joined(w.bytes(), dice.once(5) ? connectResponse(dice) : encoded(reply(dice)));
  },
  read(bytes, dice) {
    const r = new JuteReader(bytes);
    if (dice.once(5)) {
      protocol.ConnectResponse.read(r);
      return;
    }
    protocol.ReplyHeader.read(r);
    if (dice.once(5)) protocol.readMultiResponse(r, OPS_MAX);
    else dice.pick(REPLIES).read(r);
  },
  refusals: [JuteError, protocol.ProtocolError],
  memoryMax: TWO_FRAMES,
  weight: 200,
};

/** The stream of a connection, cut into frames: what comes out is the same however it arrives. */
export const frames: Target = {
  name: 'frames',
  valid: (dice) =>
    joined(...Array.from({ length: 1 + dice.length(6) }, () => framed(dice.bytes(dice.length(300))))),
  read(bytes, dice) {
    const whole = framesOf([bytes]);
    const cut = framesOf(pieces(bytes, dice));
    if (whole.join() !== cut.join()) throw new Error('other frames where the bytes came in pieces');
  },
  refusals: [],
  memoryMax: TWO_FRAMES,
  weight: 100,
};

/** The length and a sum of each frame, and how it ended. */
function framesOf(chunks: Iterable<Uint8Array>): (number | string)[] {
  const splitter = new FrameSplitter({ payloadMax: 4096 });
  const found: (number | string)[] = [];
  try {
    for (const chunk of chunks) {
      splitter.push(chunk);
      while (splitter.next()) {
        let sum = splitter.end - splitter.start;
        for (let i = splitter.start; i < splitter.end; i++)
          sum = (Math.imul(sum, 31) + splitter.bytes[i]!) | 0;
        found.push(sum);
      }
    }
    found.push(`${splitter.pending} left`);
  } catch (error) {
    if (!(error instanceof JuteError)) throw error;
    found.push(error.code);
  }
  return found;
}

interface Readable {
  read(r: JuteReader): unknown;
}

const { OpCode } = protocol;
const REQUESTS: ReadonlyMap<number, Readable> = new Map<number, Readable>([
  [OpCode.create, protocol.CreateRequest],
  [OpCode.create2, protocol.CreateRequest],
  [OpCode.createContainer, protocol.CreateRequest],
  [OpCode.createTTL, protocol.CreateTTLRequest],
  [OpCode.delete, protocol.DeleteRequest],
  [OpCode.deleteContainer, protocol.DeleteContainerRequest],
  [OpCode.exists, protocol.ExistsRequest],
  [OpCode.getData, protocol.GetDataRequest],
  [OpCode.setData, protocol.SetDataRequest],
  [OpCode.getACL, protocol.GetACLRequest],
  [OpCode.setACL, protocol.SetACLRequest],
  [OpCode.getChildren, protocol.GetChildrenRequest],
  [OpCode.getChildren2, protocol.GetChildren2Request],
  [OpCode.getAllChildrenNumber, protocol.GetAllChildrenNumberRequest],
  [OpCode.getEphemerals, protocol.GetEphemeralsRequest],
  [OpCode.sync, protocol.SyncRequest],
  [OpCode.check, protocol.CheckVersionRequest],
  [OpCode.setWatches, protocol.SetWatches],
  [OpCode.setWatches2, protocol.SetWatches2],
  [OpCode.addWatch, protocol.AddWatchRequest],
  [OpCode.checkWatches, protocol.CheckWatchesRequest],
  [OpCode.removeWatches, protocol.RemoveWatchesRequest],
  [OpCode.reconfig, protocol.ReconfigRequest],
  [OpCode.auth, protocol.AuthPacket],
  [OpCode.sasl, protocol.GetSASLRequest],
]);
const ALL_REQUESTS = [...REQUESTS.values()];

const REPLIES: readonly Readable[] = [
  protocol.CreateResponse,
  protocol.Create2Response,
  protocol.ExistsResponse,
  protocol.GetDataResponse,
  protocol.SetDataResponse,
  protocol.GetACLResponse,
  protocol.SetACLResponse,
  protocol.GetChildrenResponse,
  protocol.GetChildren2Response,
  protocol.GetAllChildrenNumberResponse,
  protocol.GetEphemeralsResponse,
  protocol.SyncResponse,
  protocol.ErrorResponse,
  protocol.WatcherEvent,
  protocol.SetSASLResponse,
  protocol.WhoAmIResponse,
];

function reply(dice: Dice): { write(w: JuteWriter): void } {
  return dice.pick([
    () => new protocol.CreateResponse(`/${dice.below(100)}`),
    () => new protocol.GetChildrenResponse(Array.from({ length: dice.length(9) }, () => 'name')),
    () => new protocol.GetEphemeralsResponse(['/a', '/b']),
    () => new protocol.WatcherEvent(dice.below(5), 3, '/a'),
    () => new protocol.ErrorResponse(dice.int()),
    () => ({ write: (w: JuteWriter) => protocol.writeMultiRequest(w, multi(dice)) }),
  ])();
}

const OPS_MAX = 1000;
