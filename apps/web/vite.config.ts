import { vitePlugin as remix } from "@remix-run/dev";
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [
    remix({
      serverModuleFormat: "esm",
      ignoredRouteFiles: ["**/*"],
      future: {
        v3_fetcherPersist: true,
        v3_relativeSplatPath: true,
        v3_throwAbortReason: true,
        v3_routeConfig: true,
        v3_singleFetch: true,
        v3_lazyRouteDiscovery: true,
      },
    }),
    tailwindcss(),
  ],
  resolve: { alias: { "~": `${import.meta.dirname}/app` }, dedupe: ["react", "react-dom"] },
  // In development every dependency is found before the first page: one that is found later is bundled anew, and for a moment
  // a page would run two copies of React.
  optimizeDeps: { entries: ["app/**/*.{ts,tsx}", "!app/**/*.test.*"] },
  build: {
    target: "es2022",
    // A page under a strict policy may load no data: URL, so every asset is a file.
    assetsInlineLimit: 0,
  },
});
