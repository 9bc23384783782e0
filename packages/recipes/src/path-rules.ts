import { type CreateKind, type Guard, type NodeData, utf8 } from '@corral/client';
import { RecipeError } from './recipe-error.ts';

export type Allowance = 'can' | 'must' | 'cannot';

/** What may be written where (Curator's Schema). */
export interface PathRule {
  /** `/app/config`, a template as of `model` (`/users/{id}`, `/jobs/job-{number}`), or what whole paths are to match. */
  readonly path: string | RegExp;
  /** Default `can`. */
  readonly ephemeral?: Allowance;
  /** Default `can`. Paths are those with the number that the server appends. */
  readonly sequential?: Allowance;
  /** Default true. */
  readonly canBeDeleted?: boolean;
  /** Of what is created and set. It is refused where this says false, or throws. */
  readonly isValid?: (data: Uint8Array, path: string) => boolean;
}

/**
 * Curator's SchemaSet: `zk.guarded(pathRules([...]))` refuses, before it is sent, what is against the rule of its path, with a
 * `RecipeError` `VIOLATION`. A rule of one path goes before templates and patterns; of these the first that fits counts. It keeps
 * this program from its own mistakes, and no other from anything: for that there are ACLs.
 *
 * @param options `others`: what is done with paths that no rule is for. Default `allowed`
 */
export function pathRules(
  rules: readonly PathRule[],
  { others = 'allowed' }: { readonly others?: 'allowed' | 'refused' } = {},
): Guard {
  const exact = new Map<string, PathRule>();
  const patterns: { readonly rule: PathRule; readonly pattern: RegExp }[] = [];
  for (const rule of rules)
    if (typeof rule.path === 'string' && !rule.path.includes('{')) exact.set(rule.path, rule);
    else patterns.push({ rule, pattern: patternOf(rule.path) });

  const ruleOf = (path: string): PathRule => {
    const rule = exact.get(path) ?? patterns.find(({ pattern }) => pattern.test(path))?.rule;
    if (rule === undefined && others === 'refused') throw violation(path, 'there is no rule for it');
    return rule ?? NO_RULE;
  };
  return {
    create: (path, data, kind) => {
      const named = kind.sequential === true ? `${path}${ANY_NUMBER}` : path;
      checkCreate(ruleOf(named), path, data, kind);
    },
    set: (path, data) => checkData(ruleOf(path), path, data),
    delete: (path) => {
      if (ruleOf(path).canBeDeleted === false) throw violation(path, 'it cannot be deleted');
    },
  };
}

function checkCreate(rule: PathRule, path: string, data: NodeData, kind: CreateKind): void {
  checkAllowed(path, 'ephemeral', rule.ephemeral, kind.mode === 'ephemeral');
  checkAllowed(path, 'sequential', rule.sequential, kind.sequential === true);
  checkData(rule, path, data);
}

function checkAllowed(path: string, what: string, allowance: Allowance = 'can', is: boolean): void {
  if (is ? allowance === 'cannot' : allowance === 'must') throw violation(path, `it ${allowance} be ${what}`);
}

function checkData({ isValid }: PathRule, path: string, data: NodeData): void {
  if (isValid === undefined) return;
  const bytes = typeof data === 'string' ? utf8.encode(data) : (data ?? new Uint8Array());
  let isRight: boolean;
  try {
    isRight = isValid(bytes, path);
  } catch (cause) {
    throw violation(path, 'the data is not valid', { cause });
  }
  if (!isRight) throw violation(path, 'the data is not valid');
}

function violation(path: string, detail: string, options?: ErrorOptions): RecipeError {
  return new RecipeError('VIOLATION', path, detail, options);
}

/** Of whole paths; without flags by which a pattern would remember where it was. */
function patternOf(path: string | RegExp): RegExp {
  if (typeof path !== 'string') return new RegExp(`^(?:${path.source})$`, path.flags.replaceAll(/[gy]/g, ''));
  const names = path
    .split(/\{[^{}/]+\}/)
    .map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${names.join('[^/]+')}$`);
}

const NO_RULE: PathRule = { path: '/' };
const ANY_NUMBER = '0000000000';
