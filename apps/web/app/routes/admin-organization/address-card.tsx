import type { PlatformOrganization } from "~/api/types";
import { ButtonLink } from "~/components/button";
import { Card } from "~/components/card";

interface AddressCardProps {
  organization: PlatformOrganization;
  /** The portal's own address, without the scheme. */
  host: string;
}

/** Where the organization is, where it was, and the one way to move it. */
export function AddressCard({ organization: { slug, formerSlugs }, host }: AddressCardProps) {
  return (
    <Card
      title="Address"
      actions={
        <ButtonLink size="sm" to="?dialog=change-slug" preventScrollReset>
          Change slug
        </ButtonLink>
      }
    >
      <div className="grid gap-3">
        <p>
          <code className="rounded-sm bg-sunken px-1.5 py-1 font-mono text-sm">
            {host}/o/{slug}
          </code>
        </p>
        {formerSlugs.length === 0 ? (
          <p className="text-ink-muted text-sm">It has had this slug from the beginning.</p>
        ) : (
          <div className="grid gap-1.5 text-sm">
            <p className="text-ink-muted">Slugs it had before. They lead here, and no other organization gets them:</p>
            <ul className="flex flex-wrap gap-1.5">
              {formerSlugs.map((former) => (
                <li key={former}>
                  <code className="rounded-sm bg-sunken px-1.5 py-0.5 font-mono text-xs">{former}</code>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Card>
  );
}
