import type { MyOrganization } from "~/api/types";
import { Badge, type BadgeTone } from "~/components/badge";

type Status = MyOrganization["status"];

const LABELS: Record<Status, string> = {
  active: "Active",
  inactive: "Inactive",
  archived: "Archived",
  pending_deletion: "Pending deletion",
};

const TONES: Record<Status, BadgeTone> = {
  active: "positive",
  inactive: "neutral",
  archived: "neutral",
  pending_deletion: "danger",
};

/** What may be done in an organization, as a word (C6). */
export function StatusBadge({ status }: { status: Status }) {
  return (
    <Badge tone={TONES[status]} hasDot>
      {LABELS[status]}
    </Badge>
  );
}
