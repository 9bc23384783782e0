/** The name of a member's machine for other members. */
export function memberHost(sid: number): string {
  return `s${sid}`;
}

/** Where the test comes in to a server, whatever the network of its clients is like. */
export function backDoorHost(sid: number): string {
  return `back${sid}`;
}

export const BACK_DOOR_PORT = 1;
