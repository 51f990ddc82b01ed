import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { organizationLoader } from "~/api/page-loader.server";
import { PageHeader } from "~/components/page-header";
import { revalidateUnlessDialog } from "~/frame/revalidation";
import { PriceList } from "./price-list";
import { UsageEvents } from "./usage-events";

export const shouldRevalidate = revalidateUnlessDialog;

export const meta: MetaFunction = () => [{ title: "Usage · Guildhall" }];

export const loader = organizationLoader(async ({ api, slug, url }) => {
  const cursor = url.searchParams.get("before") ?? undefined;
  const [usage, prices] = await Promise.all([
    api.usage.list.query({ organization: slug, ...(cursor ? { cursor } : {}) }),
    api.usage.prices.query({ organization: slug }),
  ]);
  return { usage, prices, cursor: cursor ?? null };
}, "usage.read");

export default function UsagePage() {
  const { usage, prices, cursor, asOf } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title="Usage"
        description="What agents have used, and what it cost. Each use debits the wallet at once."
      />
      <div className="grid gap-6">
        <UsageEvents fresh={usage} cursor={cursor} asOf={asOf} />
        <PriceList prices={prices} />
      </div>
    </>
  );
}
