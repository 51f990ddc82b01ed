import { CircleAlert, CircleCheck, Download as DownloadIcon, X } from "lucide-react";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { Button, buttonClass } from "~/components/button";
import { createDownloads, type Download, type Downloads } from "./downloads";
import { saveFile } from "./save-file";
import { useWarningBeforeLeaving } from "./use-warning-before-leaving";

const DownloadsContext = createContext<Downloads | undefined>(undefined);
const NONE: readonly Download[] = [];

interface TrayProps {
  children: ReactNode;
  /** Cards of what else is under way. */
  others?: ReactNode;
}

/** Keeps the downloads of the pages inside, and shows them: they go on from page to page, and end with the portal. */
export function DownloadTray({ children, others }: TrayProps) {
  const [downloads] = useState(() => createDownloads({ save: saveFile }));
  const list = useSyncExternalStore(downloads.subscribe, downloads.get, () => NONE);
  useEffect(() => downloads.cancelAll, [downloads]);
  useWarningBeforeLeaving(list.some(({ state }) => state === "running"));
  return (
    <DownloadsContext.Provider value={downloads}>
      {children}
      {(list.length > 0 || others) && (
        <section
          aria-label={others ? "Under way" : "Downloads"}
          className="fixed inset-x-4 bottom-20 z-30 grid gap-2 md:right-auto md:bottom-4 md:left-64 md:w-80 print:hidden"
        >
          {others}
          {list.map((download) => (
            <DownloadCard key={download.id} download={download} downloads={downloads} />
          ))}
        </section>
      )}
    </DownloadsContext.Provider>
  );
}

/** A link to a file, fetched with progress; without JavaScript, and with a modifier key, a plain link. */
export function DownloadLink({ url, label, children }: { url: string; label: string; children: ReactNode }) {
  const downloads = useContext(DownloadsContext);
  return (
    <a
      href={url}
      className={buttonClass({ size: "sm" })}
      onClick={(event) => {
        if (!downloads || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        downloads.start({ url, label });
      }}
    >
      <DownloadIcon aria-hidden className="size-4" />
      {children}
    </a>
  );
}

function DownloadCard({ download, downloads }: { download: Download; downloads: Downloads }) {
  const { id, url, label, state, soFar } = download;
  const isRunning = state === "running";
  return (
    <div className="grid gap-2 rounded-lg bg-raised p-3 shadow-float" data-testid="download" data-state={state}>
      <div className="flex items-start gap-2.5">
        <StateIcon state={state} />
        <div className="grid min-w-0 flex-1">
          <p className="truncate font-medium text-sm">{label}</p>
          <p className="figures text-ink-muted text-sm" aria-live={isRunning ? "off" : "polite"}>
            {wordsOf(download)}
          </p>
        </div>
        {isRunning ? (
          <Button size="sm" look="quiet" onClick={() => downloads.cancel(id)}>
            Cancel
          </Button>
        ) : (
          <button
            type="button"
            onClick={() => downloads.dismiss(id)}
            className="grid size-8 shrink-0 place-items-center rounded-md text-ink-muted hover:bg-hover hover:text-ink"
          >
            <X aria-hidden className="size-4" />
            <span className="sr-only">Dismiss {label}</span>
          </button>
        )}
      </div>
      {isRunning && (
        <progress
          className="meter h-1.5 w-full"
          aria-label={`Progress of ${label}`}
          max={1}
          {...(soFar.fraction === null ? {} : { value: soFar.fraction })}
        />
      )}
      {(state === "failed" || state === "cancelled") && (
        <div>
          <Button size="sm" onClick={() => downloads.start({ url, label })}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}

function StateIcon({ state }: { state: Download["state"] }) {
  const look = "mt-0.5 size-4.5 shrink-0";
  if (state === "done") return <CircleCheck aria-hidden className={`${look} text-positive`} />;
  if (state === "failed") return <CircleAlert aria-hidden className={`${look} text-danger`} />;
  return <DownloadIcon aria-hidden className={`${look} text-ink-muted`} />;
}

function wordsOf({ state, soFar, message }: Download): string {
  const rows = `${soFar.rows.toLocaleString("en-US")} ${soFar.rows === 1 ? "row" : "rows"}`;
  if (state === "done") return `Saved, ${rows}.`;
  if (state === "cancelled") return "Cancelled. Nothing was saved.";
  if (state === "failed") return message ?? "It could not be fetched.";
  return soFar.fraction === null ? `${rows} so far` : `${Math.floor(soFar.fraction * 100)}% · ${rows}`;
}
