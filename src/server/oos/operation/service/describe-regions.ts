import { z } from 'zod'
import { defineOperation } from '../../operation.ts'
import { text } from '../../rpc/fields.ts'

/** One server has one region. */
export const describeRegions = defineOperation({
  name: 'DescribeRegions',
  state: 'works',
  parameters: z.strictObject({ AcceptLanguage: text().optional() }),
  resources: () => [],
  run: async ({ context: { region }, endpoint }) => ({
    Regions: [{ RegionId: region, LocalName: region, RegionEndpoint: endpoint }],
  }),
})
