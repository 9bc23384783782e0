/** Apps are entered by their programs alone. What they read with stands in their sources, and is found by its path. */
export async function appModule<T>(path: string): Promise<T> {
  return (await import(new URL(`../../../../apps/${path}`, import.meta.url).href)) as T;
}
