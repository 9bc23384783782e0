/**
 * Whether a path is meant by a pattern: `*` stands for anything but a slash, `**` for anything, `?` for one character. A
 * pattern without a slash is about the last name, else about the whole path.
 */
export function pathPattern(pattern: string, isCaseIgnored: boolean): (path: string) => boolean {
  const source = pattern.replaceAll(/\*{2,}|[*?]|[\\^$.|+()[\]{}]/g, (part) => {
    if (part.startsWith('**')) return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
  const whole = new RegExp(`^${source}$`, isCaseIgnored ? 'isu' : 'su');
  const isPath = pattern.includes('/');
  return (path) => whole.test(isPath ? path : path.slice(path.lastIndexOf('/') + 1));
}
