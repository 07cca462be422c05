/** Prints which engines pass their self-test here, as JSON; run as a process of its own. */
import { listEngines } from '#main/engine/engine.ts';

const reports = await listEngines();
const text = JSON.stringify(
  reports.map((report) => ({
    name: report.name,
    device: report.device,
    works: report.available,
    reason: report.reason,
    gflops: report.test?.gflops ?? null,
    chosen: false,
  })),
);
// Windows writes to pipes later: end only when the last byte is out.
process.stdout.write(text, () => process.exit(0));
