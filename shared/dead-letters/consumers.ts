/** The processors' group for a class of tasks. */
export const groupOf = (taskTopic: string): string => taskTopic.replace('transcodeflow.tasks', 'processors');

/** A read model's group. */
export const projectionGroup = (name: string): string => `projections.${name}`;
export const isProjection = (consumer: string): boolean => consumer.startsWith('projections.');
