import os from 'node:os'

// The version is known when the application runs, not when it is built.
export const dynamic = 'force-dynamic'

export default function Page() {
  return <p>nextjs {process.env.APP_VERSION || '1.0.0'} on {os.hostname()}</p>
}
