import type { Command } from '../command.ts';

/** A command by its names; its file is read when somebody asks for it. */
export interface CommandEntry {
  readonly names: readonly [string, ...string[]];
  load(): Promise<Command>;
}

/** All commands, in the order in which help shows them. A group has a folder where it has many. */
export const commands: readonly CommandEntry[] = [
  { names: ['ls'], load: async () => (await import('./zookeeper/ls.ts')).ls },
  { names: ['get'], load: async () => (await import('./zookeeper/get.ts')).get },
  { names: ['set'], load: async () => (await import('./zookeeper/set.ts')).set },
  { names: ['create'], load: async () => (await import('./zookeeper/create.ts')).create },
  { names: ['delete'], load: async () => (await import('./zookeeper/delete.ts')).deleteNode },
  { names: ['deleteall'], load: async () => (await import('./zookeeper/deleteall.ts')).deleteall },
  { names: ['stat'], load: async () => (await import('./zookeeper/stat.ts')).stat },
  { names: ['getAcl'], load: async () => (await import('./zookeeper/acl.ts')).getAcl },
  { names: ['setAcl'], load: async () => (await import('./zookeeper/acl.ts')).setAcl },
  { names: ['addauth'], load: async () => (await import('./zookeeper/reads.ts')).addauth },
  { names: ['whoami'], load: async () => (await import('./zookeeper/reads.ts')).whoami },
  { names: ['sync'], load: async () => (await import('./zookeeper/reads.ts')).sync },
  {
    names: ['getAllChildrenNumber'],
    load: async () => (await import('./zookeeper/reads.ts')).getAllChildrenNumber,
  },
  { names: ['getEphemerals'], load: async () => (await import('./zookeeper/reads.ts')).getEphemerals },
  { names: ['addWatch'], load: async () => (await import('./zookeeper/watches.ts')).addWatch },
  { names: ['removewatches'], load: async () => (await import('./zookeeper/watches.ts')).removewatches },
  { names: ['setquota'], load: async () => (await import('./zookeeper/quotas.ts')).setquota },
  { names: ['listquota'], load: async () => (await import('./zookeeper/quotas.ts')).listquota },
  { names: ['delquota'], load: async () => (await import('./zookeeper/quotas.ts')).delquota },
  { names: ['config'], load: async () => (await import('./zookeeper/ensemble.ts')).config },
  { names: ['reconfig'], load: async () => (await import('./zookeeper/ensemble.ts')).reconfig },
  { names: ['version'], load: async () => (await import('./zookeeper/reads.ts')).version },
  { names: ['tree'], load: async () => (await import('./look/tree.ts')).tree },
  { names: ['find'], load: async () => (await import('./look/find.ts')).find },
  { names: ['grep'], load: async () => (await import('./look/grep.ts')).grep },
  { names: ['du'], load: async () => (await import('./look/du.ts')).du },
  { names: ['cp'], load: async () => (await import('./change/cp.ts')).cp },
  { names: ['mv'], load: async () => (await import('./change/mv.ts')).mv },
  { names: ['rm'], load: async () => (await import('./change/rm.ts')).rm },
  { names: ['watch'], load: async () => (await import('./watch/watch.ts')).watch },
  { names: ['wait'], load: async () => (await import('./watch/wait.ts')).wait },
  { names: ['export'], load: async () => (await import('./move/export.ts')).exportNodes },
  { names: ['import'], load: async () => (await import('./move/import.ts')).importNodes },
  { names: ['status'], load: async () => (await import('./server/status.ts')).status },
  { names: ['mntr'], load: async () => (await import('./server/word.ts')).mntr },
  { names: ['4lw'], load: async () => (await import('./server/word.ts')).fourLetterWord },
  { names: ['doctor'], load: async () => (await import('./health/doctor.ts')).doctor },
  { names: ['connect'], load: async () => (await import('./shell/session.ts')).connect },
  { names: ['close'], load: async () => (await import('./shell/session.ts')).close },
  { names: ['printwatches'], load: async () => (await import('./shell/session.ts')).printwatches },
  { names: ['history'], load: async () => (await import('./shell/shell.ts')).history },
  { names: ['redo'], load: async () => (await import('./shell/shell.ts')).redo },
  { names: ['help'], load: async () => (await import('./shell/shell.ts')).help },
  { names: ['quit', 'exit'], load: async () => (await import('./shell/shell.ts')).quit },
];
