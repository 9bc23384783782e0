/** How long anything here may take before it counts as never; machines are busy, and no test asserts a duration. */
const limitMs = 40_000;

/** Asks again and again until there is an answer; rejects with what was waited for. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  withinMs: number = limitMs,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** As `eventually`, for something that is so or not so. */
export async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  await eventually(what, async () => (await isSo()) || undefined);
}

const pollMs = 20;
