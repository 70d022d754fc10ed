// An MCP server on the TypeScript SDK that writes down what reaches it: node bypass_server.mjs, in a folder with the SDK.
// Prints its port; GET /journal tells what came: { requests: [[method, headers, body]], ran: [what was run] }.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(process.cwd() + "/");
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { McpServer, ResourceTemplate } = await load("@modelcontextprotocol/sdk/server/mcp.js");
const { StreamableHTTPServerTransport } = await load("@modelcontextprotocol/sdk/server/streamableHttp.js");
const { z } = await load("zod");
const journal = { requests: [], ran: [] };

function build() {
  const server = new McpServer({ name: "toy", version: "1.0.0" });
  for (const name of ["read", "delete"])
    server.registerTool(name, { inputSchema: z.looseObject({}) }, async (args) => {
      journal.ran.push(args.force ? `${name} by force` : name);
      return { content: [{ type: "text", text: "done" }] };
    });
  const text = async (uri) => {
    journal.ran.push(uri.href);
    return { contents: [{ uri: uri.href, text: "x" }] };
  };
  server.registerResource("secret", "toy://secret", {}, text);
  server.registerResource("open", new ResourceTemplate("toy://open/{+path}", { list: undefined }), {}, text);
  for (const name of ["open", "secret"])
    server.registerPrompt(name, {}, async () => {
      journal.ran.push(`prompt ${name}`);
      return { messages: [] };
    });
  return server;
}

createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString("latin1");
  if (request.url === "/journal") return response.end(JSON.stringify(journal));
  journal.requests.push([request.method, request.rawHeaders, body]);
  const server = build();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  response.on("close", () => void transport.close());
  await server.connect(transport);
  let parsed;
  try {
    parsed = JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    parsed = undefined;
  }
  await transport.handleRequest(request, response, parsed);
}).listen(0, "127.0.0.1", function () {
  console.log(this.address().port);
});
