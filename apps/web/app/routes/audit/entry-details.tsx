import { Link } from "@remix-run/react";
import type { ReactNode } from "react";
import type { AuditEntry } from "~/api/types";
import { Time } from "~/components/time";
import { type Change, changesOf } from "./changes";

/** Everything that an entry says: what it was and is, when, from where, and its place in the chain. */
export function EntryDetails({ entry, personPath }: { entry: AuditEntry; personPath: string }) {
  const { actor, at, address, device, userAgent, requestId, sequence, hash, before, after } = entry;
  const changes = changesOf(before, after);
  return (
    <div className="mt-3 mb-2 grid gap-4">
      {changes.length > 0 && <ChangeTable changes={changes} />}
      <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[max-content_1fr]">
        <Fact name="When">
          <Time at={at} isExact />
        </Fact>
        <Fact name="From where">
          {address ? (
            <>
              {address}
              {device && <span title={userAgent ?? undefined}>, {device}</span>}
            </>
          ) : (
            "Not by a request: the portal itself, or a command on its machine"
          )}
        </Fact>
        {requestId && (
          <Fact name="Request">
            <Code>{requestId}</Code>
          </Fact>
        )}
        <Fact name={`Entry ${sequence}`}>
          <Code>{hash}</Code>
          <span className="mt-0.5 block text-ink-faint">
            The fingerprint of this entry and all before it. If one of them were changed, it would not fit any more.
          </span>
        </Fact>
      </dl>
      {actor && (
        <p>
          <Link to={personPath} preventScrollReset className="text-accent-ink text-sm hover:underline">
            Show only what {actor.name} did
          </Link>
        </p>
      )}
    </div>
  );
}

function ChangeTable({ changes }: { changes: Change[] }) {
  return (
    <table className="w-full max-w-2xl border-collapse text-left text-sm">
      <caption className="sr-only">What changed</caption>
      <thead>
        <tr className="text-ink-muted text-xs">
          <th scope="col" className="py-1 pr-4 font-medium">
            Field
          </th>
          <th scope="col" className="py-1 pr-4 font-medium">
            Before
          </th>
          <th scope="col" className="py-1 font-medium">
            After
          </th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ field, before, after }) => (
          <tr key={field}>
            <th
              scope="row"
              className="border-line border-t py-1.5 pr-4 align-top font-normal text-ink-muted [overflow-wrap:normal]"
            >
              {field}
            </th>
            <Value text={before} className="pr-4" />
            <Value text={after} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ text, className = "" }: { text: string | undefined; className?: string }) {
  return (
    <td className={`border-line border-t py-1.5 align-top [overflow-wrap:anywhere] ${className}`}>
      {text ?? <span className="text-ink-faint">—</span>}
    </td>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-muted max-sm:mt-1">{name}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </>
  );
}

function Code({ children }: { children: string }) {
  return <code className="font-mono text-xs [overflow-wrap:anywhere]">{children}</code>;
}
