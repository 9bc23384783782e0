/**
 * Why `path` is no path of a node, or `undefined` where it is one (PathUtils.validatePath). Checked by UTF-16
 * unit as Java does, so everything outside the basic plane is refused.
 */
export function validatePath(path: string | null): string | undefined {
  if (path === null) return 'the path is null';
  if (path.length === 0) return 'the path is empty';
  if (path.charCodeAt(0) !== SLASH) return 'the path does not begin with /';
  if (path.length === 1) return undefined;
  if (path.charCodeAt(path.length - 1) === SLASH) return 'the path ends with /';
  let start = 1;
  for (let i = 1; i <= path.length; i++) {
    const unit = i === path.length ? SLASH : path.charCodeAt(i);
    if (unit === SLASH) {
      if (i === start) return `an empty name at ${i}`;
      if (isRelative(path, start, i)) return `a relative name at ${start}`;
      start = i + 1;
    } else if (isForbidden(unit)) return `a forbidden character at ${i}`;
  }
  return undefined;
}

export function isValidPath(path: string | null): path is string {
  return validatePath(path) === undefined;
}

/** The path above: `/a` for `/a/b`, `/` for `/a`. The root has none: `/` again. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? '/' : path.slice(0, slash);
}

/** The last name of the path: `b` for `/a/b`, empty for the root. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function joinPath(parent: string, name: string): string {
  return parent === '/' || parent === '' ? `/${name}` : `${parent}/${name}`;
}

/**
 * What a sequential node's name ends with: Java's `%010d` of an int, so ten characters with the minus sign among
 * them, eleven from -1000000000 down.
 */
export function sequenceSuffix(counter: number): string {
  return counter < 0 ? `-${String(-counter).padStart(9, '0')}` : String(counter).padStart(10, '0');
}

function isRelative(path: string, start: number, end: number): boolean {
  if (path.charCodeAt(start) !== DOT) return false;
  return end === start + 1 || (end === start + 2 && path.charCodeAt(start + 1) === DOT);
}

/** Control characters, surrogates, private use, and the specials from U+FFF0. */
function isForbidden(unit: number): boolean {
  if (unit < 0x7f) return unit < 0x20;
  return unit <= 0x9f || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0;
}

const SLASH = 0x2f;
const DOT = 0x2e;
