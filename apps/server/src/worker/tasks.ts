import type { Services } from "@guildhall/api/server";
import { deleteOldIdentityTokens } from "@guildhall/api/server";
import { deliverMail, type Postroom, SEND_MAIL_TASK, sweepOutbox } from "@guildhall/mail";
import type { TaskList } from "graphile-worker";
import { z } from "zod";

/** What the jobs work with. */
export interface TaskTools {
  services: Services;
  /** Undefined where no mail is delivered: then what waits in the outbox waits on. */
  postroom: Postroom | undefined;
}

const sendMailPayload = z.object({ mailId: z.uuid() });

/**
 * Every kind of job. A job is a wake-up and may come twice, late, or for nothing: each task looks at its own row for what
 * is to be done. What a task throws is a defect or a lost database; the queue tries it again.
 */
export function createTasks({ services, postroom }: TaskTools): TaskList {
  return {
    [SEND_MAIL_TASK]: async (payload, { abortSignal }) => {
      const { mailId } = sendMailPayload.parse(payload);
      if (postroom) await deliverMail(postroom, mailId, abortSignal);
    },
    sweep_mail: async () => {
      if (postroom) await sweepOutbox(postroom);
    },
    clean_up: async () => {
      await deleteOldIdentityTokens(services);
    },
  };
}

/** When the tasks come that nothing causes but time; once per time, however many servers run. */
export const SCHEDULE = `
* * * * * sweep_mail
17 * * * * clean_up
`;
