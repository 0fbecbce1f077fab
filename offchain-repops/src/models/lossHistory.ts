/** Name of the state that holds the loss of every step, in nats per token; 0 for steps not yet run. */
export const LOSS_HISTORY = 'loss'
