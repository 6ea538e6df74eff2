import { z } from 'zod'
import { readServiceSettings } from '../../../app/overview/service-settings.ts'
import { defineOperation } from '../../operation.ts'
import { presentServiceSettings } from './present-service-settings.ts'

export const getServiceSettings = defineOperation({
  name: 'GetServiceSettings',
  state: 'works',
  parameters: z.strictObject({}),
  resources: () => [],
  run: async ({ context, actor }) => presentServiceSettings(await readServiceSettings(context, actor)),
})
