// Counts page views of single-page applications and of other sites, takes `ud('event', …)`, and tells on leaving how
// long and how far a page was read. Keeps nothing in the browser without consent, and never disturbs the shop's page.
try {
  const doc = document, { origin, protocol } = location, tag = doc.currentScript
  const base = new URL(tag.src).origin, own = base == origin, door = base + '/api/v1/collect'
  // The page that was counted last, when it came into sight, how much of it was seen in per cent, and how much of that
  // was told already.
  let page, since, depth, told
  let consent, visitor
  let calls = window.ud?.q || []

  const safe = work => (...args) => { try { return work(...args) } catch {} }
  const now = () => performance.now()

  const state = (path, more) => JSON.stringify({ url: (origin + path).slice(0, 4096), visitor, consent, ...more })
  const post = (to, body) => fetch(door + to, { method: 'POST', body, keepalive: true })
  const send = (events, more) => post('', state(page, { events, ...more })).catch(() => {})

  const leave = safe(() => {
    const events = []
    if (since) events.push({ type: 'time_on_page', metadata: { seconds: Math.round((now() - since) / 100) / 10 } })
    if (depth > told) events.push({ type: 'scroll', metadata: { percent: told = depth } })
    since = 0
    // Last words need no campaign: they belong to the session that is open.
    if (events.length) navigator.sendBeacon(door, state(page.split('?')[0], { events }))
  })

  const look = () => { since = doc.hidden ? 0 : now() }

  const view = safe(() => {
    const path = location.pathname + location.search
    if (path == page) return
    const first = !page
    if (!first) leave()
    page = path
    depth = told = 0
    look()
    // The first page of our own site the server has seen itself, unless its browser took it from some store of its own.
    const { activationStart, deliveryType } = performance.getEntriesByType('navigation')[0] || {}
    if (!first || !own || activationStart || deliveryType) send([{ type: 'page_view' }], first && { referrer: doc.referrer })
  })

  const keep = (name, value) => {
    doc.cookie = `${name}=${value};path=/;max-age=${value && 31536000};samesite=lax${protocol == 'https:' ? ';secure' : ''}`
  }
  const kept = name => doc.cookie.match(`(?:^|; )${name}=(\\w+)`)?.[1]

  // On our own site the server's cookie serves, which no script can read.
  const agree = yes => {
    consent = yes
    keep('ud_consent', yes ? 'yes' : own ? 'no' : 0)
    if (own) return
    visitor = yes ? kept('ud_vid') || [...crypto.getRandomValues(new Uint8Array(16))].map(byte => (byte + 256).toString(16).slice(1)).join('') : undefined
    keep('ud_vid', visitor || 0)
  }

  const obey = safe((what, name, fields) => {
    if (what == 'event') send([{ ...fields, type: name }])
    if (what == 'order') send([{ type: 'purchase', order: name }])
    if (what == 'consent') agree(!!name)
  })

  // The code of the visit, for who orders by phone: asked for when the visit is stored.
  const tell = safe(() => {
    const places = doc.querySelectorAll('[data-ud-code]')
    if (places.length) post('/code', state(page)).then(answer => answer.json()).then(({ code }) => {
      places.forEach(place => { place.textContent = code })
    }).catch(() => {})
  })

  const start = safe(() => {
    const wish = tag.dataset.consent || kept('ud_consent')
    if (wish) agree(wish == 'yes')
    view()
    calls.forEach(args => obey(...args))
    calls = 0
    setTimeout(tell, 1000)
    for (const name of ['pushState', 'replaceState']) {
      const original = history[name]
      history[name] = function (...args) {
        const result = original.apply(this, args)
        view()
        return result
      }
    }
    addEventListener('popstate', view)
    addEventListener('pagehide', leave)
    doc.addEventListener('visibilitychange', () => doc.hidden ? leave() : look())
    addEventListener('scroll', () => {
      depth = Math.max(depth, Math.min(100, Math.round((scrollY + innerHeight) / doc.documentElement.scrollHeight * 100)))
    }, { passive: true })
  })

  if (!window.ud?.on) {
    window.ud = (...args) => { calls ? calls.push(args) : obey(...args) }
    ud.on = 1
    // Nobody looks at a page that is rendered ahead.
    doc.prerendering ? doc.addEventListener('prerenderingchange', start, { once: true }) : start()
  }
} catch {}
