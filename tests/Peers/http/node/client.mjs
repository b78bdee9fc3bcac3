// A client of rawecho-server --http in the way of Node: https for HTTP/1.1, http2 for HTTP/2, mutual TLS. It tries each path, then keeps
// connections busy until the server ends them, and says what became of every request.
//
// Usage: node client.mjs URL CA.pem CERT.pem KEY.pem 1.1|2 CONNECTIONS
// It says "ready" when all connections have a body under way, and ends those bodies when it reads a line.
import { readFileSync } from "node:fs";
import https from "node:https";
import http2 from "node:http2";

const [url, ca, cert, key, version, connections] = process.argv.slice(2);
const tls = { ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key), servername: "localhost" };

// A connection of HTTP/1.1: one socket, one request at a time.
class Http1 {
  agent = new https.Agent({ ...tls, keepAlive: true, maxSockets: 1 });
  ended = false;

  send(method, path, onAnswer) {
    const request = https.request(new URL(path, url), { method, agent: this.agent });
    request.on("error", error => { error.isReused = request.reusedSocket; });
    request.on("response", answer => {
      this.ended ||= answer.headers.connection === "close";
      onAnswer(answer.statusCode, answer);
    });
    return request;
  }

  mayRetry(error) { return error.isReused; }

  close() { this.agent.destroy(); }
}

// A connection of HTTP/2.
class Http2 {
  session = http2.connect(url, tls);
  ended = false;

  constructor() {
    this.session.on("goaway", code => { this.ended = code === 0; });
    this.session.on("error", error => { if (!this.ended) throw error; });
  }

  send(method, path, onAnswer) {
    const request = this.session.request({ ":method": method, ":path": path });
    request.on("response", headers => onAnswer(headers[":status"], request));
    return request;
  }

  mayRetry() { return false; }

  close() { this.session.close(); }
}

const connect = () => version === "2" ? new Http2() : new Http1();

// The answer to a request. An error says whether the answer had begun.
function ask(connection, method, path, onRequest, onData) {
  return new Promise((resolve, reject) => {
    let isBegun = false;
    const fail = error => reject(Object.assign(error, { isBegun }));
    const request = connection.send(method, path, (status, answer) => {
      isBegun = true;
      const parts = [];
      answer.on("data", part => { parts.push(part); onData?.(Buffer.concat(parts).toString()); });
      answer.on("aborted", () => fail(new Error("An answer was cut off.")));
      answer.on("error", fail);
      answer.on("end", () => resolve({ status, body: Buffer.concat(parts) }));
    });
    request.on("error", fail);
    request.on("close", () => fail(new Error("A request was closed.")));
    onRequest(request);
  });
}

const get = (connection, path) => ask(connection, "GET", path, request => request.end());

async function check() {
  const connection = connect();
  const hello = await get(connection, "/");
  console.log(`GET /: ${hello.status} ${hello.body}`);
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
  const echo = await ask(connection, "POST", "/echo", request => request.end(sent));
  console.log(`POST /echo: ${echo.status} ${echo.body.equals(sent) ? "equal" : "different"}`);
  const { http, tls, client } = JSON.parse((await get(connection, "/connection")).body);
  console.log(`GET /connection: ${http} ${tls.protocol} ${tls.applicationProtocol} ${client.subject}`);
  connection.close();
}

const count = { answers: 0, bodies: 0, ends: 0 };

async function keepBusy(connection) {
  while (!connection.ended) {
    let answer;
    try {
      answer = await get(connection, "/");
    } catch (error) {
      if (error.isBegun) throw error;
      // The server listens no more; before that it may end a connection when no request has reached it.
      if (error.code === "ECONNREFUSED" || connection.ended) return;
      if (connection.mayRetry(error)) continue;
      throw error;
    }

    if (answer.status !== 200 || answer.body.toString() !== "Hello World") throw new Error(`${answer.status} ${answer.body}`);
    count.answers++;
  }
}

async function keepBody(connection, onBegun, goOn) {
  const answer = await ask(
    connection, "POST", "/echo", request => { request.write("first "); goOn.then(() => request.end("last")); },
    received => { if (received === "first ") onBegun(); });
  if (answer.status !== 200 || answer.body.toString() !== "first last") throw new Error(`${answer.status} ${answer.body}`);
  count.bodies++;
}

await check();
const goOn = new Promise(resolve => process.stdin.once("data", resolve));
const work = [], begun = [], all = [];
for (let i = 0; i < Number(connections); i++) {
  const busy = connect(), body = version === "2" ? busy : connect();
  all.push(...new Set([busy, body]));
  begun.push(new Promise(resolve => work.push(keepBody(body, resolve, goOn))));
  work.push(keepBusy(busy));
}

const done = Promise.all(work);
await Promise.race([Promise.all(begun), done]);
console.log("ready");
await done;
count.ends = all.filter(connection => connection.ended).length;
console.log(`answers ${count.answers}, bodies ${count.bodies}, ends announced ${count.ends}`);
for (const connection of all) connection.close();
process.stdin.destroy();
