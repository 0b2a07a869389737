import actions from './actions.json'
import callbacks from './callbacks.json'
import common from './common.json'
import create from './create.json'
import errors from './errors.json'
import files from './files.json'
import keys from './keys.json'
import library from './library.json'
import mode from './mode.json'
import origin from './origin.json'
import plan from './plan.json'
import price from './price.json'
import problems from './problems.json'
import queue from './queue.json'
import settings from './settings.json'
import shell from './shell.json'
import stage from './stage.json'
import status from './status.json'
import table from './table.json'
import tier from './tier.json'
import usage from './usage.json'
import viewer from './viewer.json'

export default {
  actions,
  callbacks,
  common,
  create,
  errors,
  files,
  keys,
  library,
  mode,
  origin,
  plan,
  price,
  problems,
  queue,
  settings,
  shell,
  stage,
  status,
  table,
  tier,
  usage,
  viewer,
}
