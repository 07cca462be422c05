/** Prints which engines pass their self-test here, as JSON; run as a process of its own. */
import { listEngines } from '#main/engine/engine.ts';

const reports = await listEngines();
process.stdout.write(
  JSON.stringify(
    reports.map((report) => ({
      name: report.name,
      device: report.device,
      works: report.available,
      reason: report.reason,
      gflops: report.test?.gflops ?? null,
      chosen: false,
    })),
  ),
);
process.exit(0);
