/** The house's mark: a gabled hall with an open door. */
export function Logo({ className = "size-7" }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={className}>
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path
        d="M6.5 14.5 16 7l9.5 7.5M9 15v10h4.5v-4a2.5 2.5 0 0 1 5 0v4H23V15"
        className="fill-none stroke-on-accent"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
