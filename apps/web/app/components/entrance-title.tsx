/** The title of a page before the portal. */
export function EntranceTitle({ title, description }: { title: string; description?: string }) {
  return (
    <div className="grid gap-1">
      <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
      {description && <p className="text-ink-muted text-sm">{description}</p>}
    </div>
  );
}
