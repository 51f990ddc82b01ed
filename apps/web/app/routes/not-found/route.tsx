import { data, type LoaderFunctionArgs } from "@remix-run/node";
import { ErrorPage } from "~/frame/error-page";

/** Every address that is no page. */
export function loader({ context }: LoaderFunctionArgs) {
  throw data({ code: "not_found", message: "There is nothing here.", requestId: context.requestId }, { status: 404 });
}

export default function NotFound() {
  return null;
}

export function ErrorBoundary() {
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <ErrorPage />
    </main>
  );
}
