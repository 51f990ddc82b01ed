import type { ServerBuild } from "@remix-run/node";
import type { PageSource } from "../http/pages.ts";

/** Pages of one resource route that answers everything: for tests of what stands around the pages. */
export function plainPages(): PageSource {
  const loader = () => new Response("<!doctype html><title>page</title>", { headers: { "content-type": "text/html" } });
  const route = { id: "root", path: "*", module: { loader, action: loader } };
  const build = {
    entry: { module: { default: () => new Response("no document in tests", { status: 500 }) } },
    routes: { root: route },
    assets: { entry: { imports: [], module: "" }, routes: {}, url: "", version: "test" },
    publicPath: "/",
    assetsBuildDirectory: "",
    future: { v3_singleFetch: true },
    isSpaMode: false,
    mode: "production",
  };
  return { build: build as unknown as ServerBuild };
}
