/** "1 member", "2 members", "1,204 members". */
export function memberCountText(count: number): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? "member" : "members"}`;
}

/** "Nobody", "1 person", "12 people". */
export function peopleText(count: number): string {
  if (count === 0) return "Nobody";
  return `${count.toLocaleString("en-US")} ${count === 1 ? "person" : "people"}`;
}
