import { useNavigation } from "@remix-run/react";
import { Laptop, Smartphone } from "lucide-react";
import type { Device } from "~/api/types";
import { Badge } from "~/components/badge";
import { Card } from "~/components/card";
import { ActionForm, SubmitButton } from "~/components/form";
import { Time } from "~/components/time";

const HANDHELD = new Set(["Android", "iPhone", "iPad"]);

/** Where the reader is signed in: this device first, then the one used last. */
export function DeviceList({ devices }: { devices: Device[] }) {
  const others = devices.filter(({ isThisDevice }) => !isThisDevice);
  const sorted = [...devices.filter(({ isThisDevice }) => isThisDevice), ...others];
  return (
    <Card
      title="Devices"
      description="Where you are signed in. A device that is signed out is cut off at once."
      isFlush
      actions={
        others.length > 0 && (
          <ActionForm intent="end-others" className="">
            <SubmitButton look="secondary" size="sm" pendingLabel="Signing out…">
              Sign out all others
            </SubmitButton>
          </ActionForm>
        )
      }
    >
      <ul>
        {sorted.map((device) => (
          <DeviceRow key={device.sessionId} device={device} />
        ))}
      </ul>
    </Card>
  );
}

function DeviceRow({
  device: { sessionId, device, address, createdAt, lastUsedAt, isThisDevice },
}: {
  device: Device;
}) {
  // Of several rows only the one that was pressed says so.
  const isLeaving = useNavigation().formData?.get("sessionId") === sessionId;
  const Icon = HANDHELD.has(device.system ?? "") ? Smartphone : Laptop;
  const name = device.system ? `${device.browser} on ${device.system}` : device.browser;
  return (
    <li
      data-testid="device"
      className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-line border-t px-4 py-3 first:border-t-0"
    >
      <span className="flex min-w-0 items-start gap-3">
        <Icon aria-hidden className="mt-0.5 size-5 shrink-0 text-ink-muted" />
        <span className="grid min-w-0 gap-0.5">
          <span className="flex flex-wrap items-center gap-2">
            <span className="font-medium">{name}</span>
            {isThisDevice && <Badge tone="positive">This device</Badge>}
          </span>
          <span className="text-ink-muted text-sm">
            {address ? `${address} · ` : ""}signed in <Time at={createdAt} />
            {!isThisDevice && (
              <>
                {" "}
                · last used <Time at={lastUsedAt} />
              </>
            )}
          </span>
        </span>
      </span>
      {!isThisDevice && (
        <ActionForm intent="end-session" className="">
          <input type="hidden" name="sessionId" value={sessionId} />
          <SubmitButton look="quiet" size="sm" pendingLabel={isLeaving ? "Signing out…" : "Sign out"}>
            <span>
              Sign out<span className="sr-only"> {name}</span>
            </span>
          </SubmitButton>
        </ActionForm>
      )}
    </li>
  );
}
