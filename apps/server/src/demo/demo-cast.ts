import type { Role } from "@guildhall/auth";

/** What everybody in the demo signs in with. */
export const DEMO_PASSWORD = "guildhall-demo";

export const ENTERPRISE_NAME = "Northwind Group";

interface DemoPerson {
  key: string;
  name: string;
  /** What the banner says of them. */
  role: string;
}

/** One person for every role that there is: four in an organization, one above organizations, one above everything. */
export const people = [
  { key: "ada", name: "Ada Lovelace", role: "owner of Northwind Research" },
  { key: "grace", name: "Grace Hopper", role: "admin of Northwind Research" },
  { key: "katherine", name: "Katherine Johnson", role: "billing admin of Northwind Research" },
  { key: "alan", name: "Alan Turing", role: "member of Northwind Research" },
  { key: "edsger", name: "Edsger Dijkstra", role: "enterprise admin, owner of Northwind Studio and Retail" },
  { key: "margaret", name: "Margaret Hamilton", role: "platform admin" },
] as const satisfies DemoPerson[];

export type PersonKey = (typeof people)[number]["key"];

export interface DemoOrganization {
  name: string;
  slug: string;
  code: string;
  description: string;
  /** The first is its maker, and so an owner. */
  roster: [PersonKey, Role][];
  /** Teams of the enterprise that are assigned to it. */
  teams: string[];
  topUpCredits: number;
}

export const organizations: DemoOrganization[] = [
  {
    name: "Northwind Research",
    slug: "northwind-research",
    code: "RES",
    description: "Language and vision models for the whole group.",
    roster: [
      ["ada", "owner"],
      ["grace", "admin"],
      ["katherine", "billing_admin"],
      ["alan", "member"],
      ["edsger", "member"],
    ],
    teams: ["Applied Science", "Evaluation"],
    topUpCredits: 12_000,
  },
  {
    name: "Northwind Studio",
    slug: "northwind-studio",
    code: "STU",
    description: "Campaigns, copy and pictures.",
    roster: [
      ["edsger", "owner"],
      ["katherine", "billing_admin"],
      ["ada", "admin"],
      ["grace", "member"],
    ],
    teams: ["Brand"],
    topUpCredits: 4_000,
  },
  {
    name: "Northwind Retail",
    slug: "northwind-retail",
    code: "RET",
    description: "Assistants in the shops and on the phone.",
    roster: [
      ["edsger", "owner"],
      ["ada", "member"],
      ["margaret", "admin"],
    ],
    teams: [],
    topUpCredits: 2_500,
  },
];

export const unassignedTeams = ["Field Operations"];

export function emailOf(key: PersonKey): string {
  return `${key}@northwind.example`;
}
