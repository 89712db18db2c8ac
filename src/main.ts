/**
 * The front door: a worker (or its first stage) or the helper for certificates when the master started it, a compressor when a
 * worker did, a rehearsal before an upgrade, a command otherwise.
 *
 * Keeps: tiny, and lazy about imports: each kind of process loads only its own code.
 */
async function main(): Promise<void> {
  if (process.argv[2] === "--saker-confine") {
    const { runFirstStage } = await import("./process/first-stage.ts");
    return runFirstStage(process.argv.slice(3));
  }
  if (process.argv[2] === "--saker-worker") {
    const { runWorker } = await import("./process/worker.ts");
    await runWorker();
    return;
  }
  if (process.argv[2] === "--saker-compress") {
    const { runCompressor } = await import("./site/coding/compressor-program.ts");
    process.exit(await runCompressor(process.argv.slice(3)));
  }
  if (process.argv[2] === "--saker-acme") {
    const { runAcmeHelper } = await import("./tls/acme/helper-program.ts");
    process.exit(await runAcmeHelper());
  }
  if (process.argv[2] === "--saker-rehearse") {
    const { runRehearsal } = await import("./cli/rehearse.ts");
    process.exit(await runRehearsal({ argv: process.argv.slice(3), env: process.env, cwd: process.cwd() }));
  }
  const { runCommandLine } = await import("./cli/dispatch.ts");
  const argv = process.argv.slice(2);
  process.exit(await runCommandLine({ argv, env: process.env, cwd: process.cwd() }));
}

void main();
export {};
