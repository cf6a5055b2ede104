import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

const NAME = 'transcodeflow-co-partition';

/**
 * Gives partition n of every topic to the same member (of those that subscribed to it), so that topics which
 * share a key and a number of partitions meet in one process: a job's facts and its heartbeats reach the same
 * process manager. kafkajs's round robin deals the partitions of all topics out in one row and parts them.
 */
export const coPartitionAssigner: PartitionAssigner = ({ cluster }) => ({
  name: NAME,
  version: 0,

  protocol: ({ topics }) => ({
    name: NAME,
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
  }),

  assign: async ({ members, topics }) => {
    const subscribers = members
      .map(({ memberId, memberMetadata }) => ({
        memberId,
        topics: AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? topics,
        assignment: {} as Record<string, number[]>,
      }))
      .sort((a, b) => (a.memberId < b.memberId ? -1 : 1));

    for (const topic of new Set(subscribers.flatMap((member) => member.topics))) {
      const interested = subscribers.filter((member) => member.topics.includes(topic));
      for (const { partitionId } of cluster.findTopicPartitionMetadata(topic)) {
        const owner = interested[partitionId % interested.length];
        if (owner !== undefined) owner.assignment[topic] = [...(owner.assignment[topic] ?? []), partitionId];
      }
    }

    return subscribers.map(({ memberId, assignment }) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: 0,
        assignment,
        userData: Buffer.alloc(0),
      }),
    }));
  },
});
