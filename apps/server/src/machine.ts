import { readdirSync, readFileSync } from 'node:fs';
import { arch, homedir, hostname, release, tmpdir, type, userInfo } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import type { Metrics } from '@corral/runtime';

/** What `envi` says of the machine: Apache's names, in its order; of Java there is nothing to say. */
export function environmentOf(): (readonly [name: string, value: string])[] {
  const user = userInfo();
  const heap = getHeapStatistics();
  return [
    ['host.name', hostname()],
    ['java.version', NOT_AVAILABLE],
    ['java.vendor', NOT_AVAILABLE],
    ['java.home', NOT_AVAILABLE],
    ['java.class.path', NOT_AVAILABLE],
    ['java.library.path', NOT_AVAILABLE],
    ['java.io.tmpdir', tmpdir()],
    ['java.compiler', NOT_AVAILABLE],
    ['os.name', type()],
    ['os.arch', JAVA_ARCHITECTURES[arch()] ?? arch()],
    ['os.version', release()],
    ['user.name', user.username],
    ['user.home', homedir()],
    ['user.dir', process.cwd()],
    ['os.memory.free', megabytes(heap.total_heap_size - heap.used_heap_size)],
    ['os.memory.max', megabytes(heap.heap_size_limit)],
    ['os.memory.total', megabytes(heap.total_heap_size)],
    ['node.version', process.versions.node],
  ];
}

/** The figures of `mntr` that only the process knows. */
export function addProcessGauges(metrics: Metrics): void {
  metrics.gauge('open_file_descriptor_count', openFiles);
  metrics.gauge('max_file_descriptor_count', openFilesMax);
  metrics.gauge('uptime', () => process.uptime() * 1000);
}

/** -1 where the system does not tell, as in Java. */
function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return -1;
  }
}

function openFilesMax(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
    return soft === undefined ? -1 : Number(soft);
  } catch {
    return -1;
  }
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 / 1024)}MB`;
}

const NOT_AVAILABLE = '<NA>';
const JAVA_ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'aarch64', ia32: 'i386' };
