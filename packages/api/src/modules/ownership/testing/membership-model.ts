import { isAtLeast, type Role } from "@guildhall/auth/permissions";

/** What a call answers: it worked, or the code of the refusal. */
export type Answer = "ok" | string;

interface ModelOffer {
  from: number;
  to: number;
  giverBecomes: "owner" | "admin";
}

/**
 * The rules of membership in a few lines, over people with numbers: what the verbs and the database are compared with. Says of each
 * call what it has to answer, and moves on.
 */
export class MembershipModel {
  readonly roster = new Map<number, Role>([[0, "owner"]]);
  readonly deleted = new Set<number>();
  offer: ModelOffer | null = null;

  add(person: number, role: Role): Answer {
    if (this.deleted.has(person)) return "not_found";
    if (!this.roster.has(person)) this.roster.set(person, role);
    return "ok";
  }

  changeRole(actor: number, person: number, role: Role): Answer {
    const refusal = this.#mayManage(actor) ?? this.#mayTouch(actor, person) ?? this.#mayGive(actor, role);
    if (refusal) return refusal;
    if (role !== "owner" && this.#isLastOwner(person)) return "last_owner";
    this.#move(person, role);
    return "ok";
  }

  remove(actor: number, person: number): Answer {
    const refusal = this.#mayManage(actor) ?? this.#mayTouch(actor, person);
    if (refusal) return refusal;
    if (this.#isLastOwner(person)) return "last_owner";
    this.#move(person, undefined);
    return "ok";
  }

  /** Everybody by themselves, the actor last. One answer each, or one for all. */
  removeMany(actor: number, people: number[]): Answer[] | Answer {
    const refusal = this.#mayManage(actor);
    if (refusal) return refusal;
    const own = people.includes(actor) ? [actor] : [];
    return [...people.filter((person) => person !== actor), ...own].map((person) => this.remove(actor, person));
  }

  leave(person: number): Answer {
    if (!this.roster.has(person)) return "not_found";
    if (this.#isLastOwner(person)) return "last_owner";
    this.#move(person, undefined);
    return "ok";
  }

  deleteAccount(person: number): Answer {
    if (this.#isLastOwner(person)) return "last_owner";
    this.#move(person, undefined);
    this.deleted.add(person);
    return "ok";
  }

  makeOffer(actor: number, to: number, giverBecomes: "owner" | "admin"): Answer {
    const role = this.roster.get(actor);
    if (!role) return "not_found";
    if (role !== "owner") return "forbidden";
    if (!this.roster.has(to)) return "unknown_member";
    if (this.roster.get(to) === "owner") return "already_owner";
    const { offer } = this;
    const isSame = offer && offer.from === actor && offer.to === to && offer.giverBecomes === giverBecomes;
    if (offer && !isSame) return "already_offered";
    this.offer = { from: actor, to, giverBecomes };
    return "ok";
  }

  /** Only asked while an offer is open. */
  accept(actor: number): Answer {
    const { offer } = this;
    if (!offer || offer.to !== actor) return "not_found";
    this.offer = null;
    this.#move(offer.to, "owner");
    this.#move(offer.from, offer.giverBecomes);
    return "ok";
  }

  decline(actor: number): Answer {
    if (this.offer?.to !== actor) return "not_found";
    this.offer = null;
    return "ok";
  }

  revoke(actor: number): Answer {
    const role = this.roster.get(actor);
    if (!role) return "not_found";
    if (role !== "owner") return "forbidden";
    this.offer = null;
    return "ok";
  }

  #mayManage(actor: number): Answer | undefined {
    const role = this.roster.get(actor);
    if (!role) return "not_found";
    return role === "owner" || role === "admin" ? undefined : "forbidden";
  }

  #mayTouch(actor: number, person: number): Answer | undefined {
    const role = this.roster.get(person);
    if (!role) return "not_found";
    return isAtLeast(this.roster.get(actor) as Role, role) ? undefined : "role_above_own";
  }

  #mayGive(actor: number, role: Role): Answer | undefined {
    return isAtLeast(this.roster.get(actor) as Role, role) ? undefined : "role_above_own";
  }

  #isLastOwner(person: number): boolean {
    const owners = [...this.roster.values()].filter((role) => role === "owner");
    return this.roster.get(person) === "owner" && owners.length === 1;
  }

  #move(person: number, role: Role | undefined): void {
    if (role) this.roster.set(person, role);
    else this.roster.delete(person);
    if (this.offer?.from === person && role !== "owner") this.offer = null;
    if (this.offer?.to === person && (!role || role === "owner")) this.offer = null;
  }
}
