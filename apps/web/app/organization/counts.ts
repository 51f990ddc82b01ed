/** "1 member", "2 members", "1,204 members". */
export function memberCountText(count: number): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? "member" : "members"}`;
}
