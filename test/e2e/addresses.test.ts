/** Addresses that a reload changes: no accepted client is lost, and a wrong one changes nothing. */
import { expect, test } from "bun:test";
import { until } from "../support/deadline.ts";
import { RawClient } from "../support/raw-client.ts";
import { requestOctets, startSaker } from "../support/saker.ts";

const SITE = { "index.html": "home" };

/** A port that was free a moment ago. */
function freePort(): number {
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  probe.stop(true);
  return probe.port;
}

const isRefused = async (port: number): Promise<boolean> => {
  const client = await RawClient.connect(port).catch(() => null);
  client?.close();
  return client === null;
};

test.concurrent(
  "another port, and an admin address: accepted clients are answered, the old port is refused",
  async () => {
    await using saker = await startSaker({ config: "num_workers = 2", site: SITE });
    const old = saker.port;
    const [port, admin] = [freePort(), freePort()];
    // Some have spoken before, most have not said anything yet.
    const early = await Promise.all(Array.from({ length: 30 }, () => saker.connect()));
    for (const client of early.slice(0, 5)) await client.request(requestOctets("/"));

    await saker.configure(`num_workers = 3\nport = ${port}\nadmin_listen = "127.0.0.1:${admin}"`);
    saker.signal("SIGHUP");
    await until(async () => !(await isRefused(port)), "the new port is open");
    const answers = await Promise.all(early.map((client) => client.request(requestOctets("/"))));
    expect(answers.map(({ text }) => text)).toEqual(early.map(() => "home"));
    for (const client of early) client.close();

    await saker.printed(new RegExp(`listening on http://127.0.0.1:${port} \\(3 workers`));
    await until(() => isRefused(old), "the old port is closed");
    saker.port = port;
    expect((await saker.get("/")).text).toBe("home");
    expect((await saker.get("/health")).status).toBe(404);
    saker.port = admin;
    expect((await saker.get("/health")).status).toBe(200);

    expect(saker.stderr).not.toContain("ERROR");
  },
);

test.concurrent("an address that can't be had changes nothing", async () => {
  await using saker = await startSaker({ site: SITE });
  const taken = Bun.listen({ hostname: "127.0.0.1", port: 0, exclusive: true, socket: { data() {} } });
  const workers = saker.workerPids();
  await saker.configure(`port = ${taken.port}\nserver_header = "new"`);
  saker.signal("SIGHUP");
  await saker.printed(
    /reload refused, the old configuration stays: cannot listen on 127\.0\.0\.1:\d+: port \d+ is in use/,
  );
  taken.stop(true);
  expect(saker.workerPids()).toEqual(workers);
  expect((await saker.get("/")).field("Server")).toBe("saker");
});

test.concurrent("a worker that is removed: clients in its backlog are answered by the remaining ones", async () => {
  await using saker = await startSaker({ config: "num_workers = 2\nshutdown_timeout_seconds = 0", site: SITE });
  const workers = saker.workerPids();
  for (const pid of workers) process.kill(pid, "SIGSTOP");
  const clients = await Promise.all(Array.from({ length: 20 }, () => saker.connect()));
  for (const client of clients) client.sendCarelessly(requestOctets("/"));
  await saker.configure("num_workers = 1\nshutdown_timeout_seconds = 0");
  saker.signal("SIGHUP");
  const answers = await Promise.all(clients.map((client) => client.readResponse()));
  expect(answers.map(({ text }) => text)).toEqual(clients.map(() => "home"));
  for (const client of clients) client.close();
  await saker.workersSettled(1, workers);
});
