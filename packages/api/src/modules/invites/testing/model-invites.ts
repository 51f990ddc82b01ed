import { isAtLeast, type Role } from "@guildhall/auth";
import { DAY_MS, HOUR_MS } from "@guildhall/shared";

/** An invite as the model remembers it. */
export interface ModelInvite {
  email: string;
  role: Role;
  inviter: string;
  generation: number;
  expiresAtMs: number;
  sentAtMs: number[];
  ended: "accepted" | "declined" | "revoked" | "superseded" | null;
  acceptedBy: string | null;
  /** Whoever sent it last lost the right to give its role, at whatever time since. */
  isVoid: boolean;
}

const isManager = (role: Role | undefined) => role === "owner" || role === "admin";

/** What the module promises, written down as simply as can be: no database, no locks, one thing after the other. */
export class ModelInvites {
  nowMs: number;
  readonly roster = new Map<string, Role>();
  readonly verified = new Set<string>();
  readonly invites: ModelInvite[] = [];

  constructor(nowMs: number, owner: string) {
    this.nowMs = nowMs;
    this.roster.set(owner, "owner");
  }

  stateOf(invite: ModelInvite) {
    if (invite.ended && invite.ended !== "superseded") return invite.ended;
    return invite.ended || invite.expiresAtMs <= this.nowMs ? "expired" : "pending";
  }

  create(actor: string, email: string, role: Role): string {
    const refused = this.mayGive(actor, role) ?? this.standing(actor, email) ?? this.tooOften(email);
    if (refused) return refused;
    for (const old of this.invites) {
      if (old.email !== email || old.ended) continue;
      old.ended = this.stateOf(old) === "pending" ? "revoked" : "superseded";
    }
    this.invites.push({
      ...{ email, role, inviter: actor, generation: 1, ended: null, acceptedBy: null, isVoid: false },
      ...{ expiresAtMs: this.nowMs + 7 * DAY_MS, sentAtMs: [this.nowMs] },
    });
    return "ok";
  }

  /** The outcome of each address, or one refusal for all. */
  createMany(actor: string, emails: string[], role: Role): string[] | string {
    const refused = this.mayGive(actor, "member");
    if (refused) return refused;
    const outcomes = emails.map((email, index) => {
      if (emails.indexOf(email) < index) return "duplicate";
      const standing = this.standing(actor, email) ?? (this.mayGive(actor, role) ? "invalid" : undefined);
      return standing ?? (this.tooOften(email) ? "too_often" : "invited");
    });
    outcomes.forEach((outcome, index) => {
      if (outcome === "invited") this.create(actor, emails[index] ?? "", role);
    });
    return outcomes;
  }

  resend(actor: string, invite: ModelInvite): string {
    const refused = this.mayGive(actor, "member") ?? this.mayGive(actor, invite.role);
    if (refused) return refused;
    if (invite.ended === "superseded") return "already_invited";
    if (invite.ended) return "invite_gone";
    if (this.roster.has(invite.email)) return "already_member";
    const tooOften = this.tooOften(invite.email);
    if (tooOften) return tooOften;
    invite.generation += 1;
    invite.inviter = actor;
    invite.isVoid = false;
    invite.expiresAtMs = this.nowMs + 7 * DAY_MS;
    invite.sentAtMs.push(this.nowMs);
    return "ok";
  }

  revoke(actor: string, invite: ModelInvite): string {
    const refused = this.mayGive(actor, "member") ?? this.mayGive(actor, invite.role);
    if (refused) return refused;
    if (invite.ended === "revoked") return "ok";
    if (this.stateOf(invite) !== "pending") return "invite_gone";
    invite.ended = "revoked";
    return "ok";
  }

  accept(person: string, invite: ModelInvite, link: { generation: number; isMailed: boolean }): string {
    if (invite.acceptedBy === person && this.roster.has(person)) return "ok";
    const isDead = this.stateOf(invite) !== "pending" || link.generation !== invite.generation;
    if (isDead || invite.isVoid) return "invite_gone";
    if (invite.email !== person) return "invite_for_other";
    invite.ended = "accepted";
    invite.acceptedBy = person;
    this.roster.set(person, invite.role);
    if (link.isMailed) this.verified.add(person);
    return "ok";
  }

  decline(person: string, invite: ModelInvite, link: { generation: number }): string {
    if (link.generation !== invite.generation) return "invite_gone";
    if (invite.email !== person) return "invite_for_other";
    if (invite.ended === "declined") return "ok";
    if (this.stateOf(invite) !== "pending") return "invite_gone";
    invite.ended = "declined";
    return "ok";
  }

  /** Somebody becomes something else, or nothing any more. What they may not give now is void, whatever they become later. */
  setRole(person: string, role: Role | null): void {
    if (role) this.roster.set(person, role);
    else this.roster.delete(person);
    for (const invite of this.invites)
      if (invite.inviter === person && !invite.ended && this.mayGive(person, invite.role)) invite.isVoid = true;
  }

  private tooOften(email: string): string | undefined {
    const sent = this.invites.filter((one) => one.email === email).flatMap(({ sentAtMs }) => sentAtMs);
    return sent.filter((atMs) => atMs > this.nowMs - HOUR_MS).length >= 5 ? "too_many_attempts" : undefined;
  }

  private mayGive(actor: string, role: Role): string | undefined {
    const own = this.roster.get(actor);
    if (!own) return "not_found";
    if (!isManager(own)) return "forbidden";
    return isAtLeast(own, role) ? undefined : "role_above_own";
  }

  private standing(actor: string, email: string): string | undefined {
    if (this.roster.has(email)) return "already_member";
    const open = this.invites.filter((one) => one.email === email && this.stateOf(one) === "pending");
    const isInvited = open.some((one) => !one.isVoid || this.mayGive(actor, one.role));
    return isInvited ? "already_invited" : undefined;
  }
}
