import type { SimulationResult } from '@corral/testing';

/** Over many seeds. */
export class Totals {
  seeds = 0;
  hours = 0;
  acknowledged = 0;
  faults = 0;
  violations = 0;
  cpuMs = 0;
  readonly #coverage: Map<string, number> = new Map();

  add({
    hours,
    acknowledged,
    faults,
    violation,
    coverage,
  }: Pick<SimulationResult, 'hours' | 'acknowledged' | 'faults' | 'violation' | 'coverage'>): void {
    this.seeds++;
    this.hours += hours;
    this.acknowledged += acknowledged;
    this.faults += faults;
    if (violation !== undefined) this.violations++;
    for (const [name, count] of Object.entries(coverage))
      this.#coverage.set(name, (this.#coverage.get(name) ?? 0) + count);
  }

  print(): void {
    const { seeds, hours, acknowledged, faults, violations, cpuMs } = this;
    for (const [name, count] of [...this.#coverage].toSorted(([a], [b]) => (a < b ? -1 : 1)))
      console.log(`  ${name}: ${count}`);
    const minutes = cpuMs / 60_000;
    console.log(
      `${seeds} seeds, ${hours.toFixed(2)} cluster-hours, ${faults} faults (${(faults / hours).toFixed(0)} an hour), ` +
        `${acknowledged} answers (${(acknowledged / hours / 3600).toFixed(1)} a second), ${violations} violations; ` +
        `${minutes.toFixed(2)} CPU minutes, ${(hours / minutes).toFixed(2)} cluster-hours in each`,
    );
  }
}
