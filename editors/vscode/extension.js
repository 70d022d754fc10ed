"use strict";
// Starts `hoopgate lsp` for policies; everything else is the server's.
const { workspace } = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

let client;

exports.activate = function activate() {
  const [command, ...args] = workspace.getConfiguration("hoopgate").get("command");
  const run = { command, args, transport: TransportKind.stdio };
  client = new LanguageClient("hoopgate", "hoopgate", { run, debug: run }, { documentSelector: [{ language: "hoop" }] });
  return client.start();
};

exports.deactivate = function deactivate() {
  return client ? client.stop() : undefined;
};
